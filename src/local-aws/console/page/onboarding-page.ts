import { h } from 'preact';
import { OnboardingForm } from './onboarding-form.ts';
import type { Service } from './service.ts';

export function OnboardingPage({ service }: { service: Service | undefined }) {
  return [
    h('h1', null, 'New onboarding'),
    h('p', { class: 'facts' }, 'The form calls the real routes of the service and of API Gateway.'),
    h('div', { class: 'narrow' }, service && h(OnboardingForm, { service })),
  ];
}
