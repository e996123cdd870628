/** The scopes that access tokens need. */
export const scopes = {
  start: 'onboarding:start',
  read: 'onboarding:read',
  list: 'onboarding:list',
  cancel: 'onboarding:cancel',
};

/** The tags of the routes in the OpenAPI document. */
export const tags = ['User onboarding'];
