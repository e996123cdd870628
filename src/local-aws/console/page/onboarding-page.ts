import { h } from 'preact';
import { OnboardingForm } from './onboarding-form.ts';
import type { Service } from './service.ts';

export function OnboardingPage({ service }: { service: Service | undefined }) {
  return [
    h('h1', null, 'New onboarding'),
    h(
      'p',
      { class: 'facts' },
      'Each way calls the real route. A refused referral code fails after the user was saved.',
    ),
    h(
      'section',
      { class: 'narrow', 'aria-label': 'New onboarding' },
      h(OnboardingForm, { service }),
    ),
  ];
}
