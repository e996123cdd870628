/** What an access token must allow. */
export const scopes = {
  start: 'onboarding:start',
  read: 'onboarding:read',
  list: 'onboarding:list',
  cancel: 'onboarding:cancel',
};

/** Where the OpenAPI document puts the routes. */
export const tags = ['User onboarding'];
