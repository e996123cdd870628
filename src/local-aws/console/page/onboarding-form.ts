import { h, type TargetedEvent, type TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import type { Way } from '../exchange.ts';
import type { Exchange } from '../view.ts';
import { postJson } from './api.ts';
import { ExchangeView } from './exchange-view.ts';
import type { Service } from './service.ts';

const ways: readonly (readonly [Way, string, string])[] = [
  ['sync', 'Synchronous', 'Runs the Express workflow and responds with its result.'],
  ['async', 'Asynchronous', 'Starts the Standard workflow and responds at once.'],
  ['no-code', 'No code', 'API Gateway starts the Standard workflow without the service.'],
];

const fields = [
  ['userId', 'User id', 'user-88888'],
  ['email', 'E-mail', 'api-gateway@example.com'],
  ['name', 'Name', 'API Gateway User'],
  ['referralCode', 'Referral code', 'FRIEND2025'],
  ['country', 'Country', 'US'],
] as const;

type Values = Readonly<Record<(typeof fields)[number][0], string>>;

const sample: Values = {
  userId: 'user-88888',
  email: 'api-gateway@example.com',
  name: 'API Gateway User',
  referralCode: 'FRIEND2025',
  country: 'US',
};

/** A form with a sample user and the three ways to onboard it. Shows the request and the response. */
export function OnboardingForm({ service }: { service: Service | undefined }) {
  const [way, setWay] = useState<Way>('sync');
  const [values, setValues] = useState(sample);
  const [key, setKey] = useState('');
  const [json, setJson] = useState<string>();
  const [isSending, setSending] = useState(false);
  const [failure, setFailure] = useState('');
  const [exchange, setExchange] = useState<Exchange>();

  async function send(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    setSending(true);
    setFailure('');
    try {
      const body = json ?? bodyOf(way, values);
      const idempotencyKey = way === 'no-code' || key === '' ? undefined : key;
      setExchange(await postJson<Exchange>('/api/onboardings', { way, body, idempotencyKey }));
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    } finally {
      setSending(false);
    }
  }

  function toggleEditor(): void {
    if (json !== undefined) setValues(valuesIn(json, values));
    setJson(json === undefined ? bodyOf(way, values) : undefined);
  }

  return [
    h('h2', null, 'New onboarding', h('small', null, service && `POST ${service.ways[way]}`)),
    h(
      'form',
      { onSubmit: send },
      h(
        'fieldset',
        { class: 'ways' },
        h('legend', { class: 'visually-hidden' }, 'How to start it'),
        ways.map(([value, label]) =>
          h(
            'label',
            { class: 'pill' },
            h('input', {
              type: 'radio',
              name: 'way',
              checked: value === way,
              onChange: () => {
                setWay(value);
                if (json !== undefined) setJson(bodyOf(value, values));
              },
            }),
            label,
          ),
        ),
      ),
      h('p', { class: 'hint' }, ways.find(([value]) => value === way)?.[2]),
      json === undefined
        ? fields.map(([name, label]) =>
            h(
              'label',
              { class: 'field' },
              h('span', null, label),
              h('input', {
                name,
                value: values[name],
                onInput: (event) => setValues({ ...values, [name]: event.currentTarget.value }),
              }),
            ),
          )
        : h('textarea', {
            rows: 14,
            spellCheck: false,
            'aria-label': 'Request body',
            value: json,
            onInput: ({ currentTarget }: TargetedEvent<HTMLTextAreaElement>) =>
              setJson(currentTarget.value),
          }),
      way !== 'no-code' &&
        h(
          'label',
          { class: 'field' },
          h('span', null, 'Idempotency key'),
          h('input', {
            name: 'idempotencyKey',
            placeholder: 'none',
            value: key,
            onInput: (event) => setKey(event.currentTarget.value),
          }),
        ),
      h(
        'div',
        { class: 'buttons' },
        h('button', { class: 'primary', disabled: isSending }, isSending ? 'Waiting…' : 'Onboard'),
        h(
          'button',
          {
            type: 'button',
            onClick: toggleEditor,
          },
          json === undefined ? 'Edit as JSON' : 'Back to the form',
        ),
      ),
    ),
    h(
      'p',
      { class: 'hint below' },
      'To see a workflow fail, use the referral code ',
      h('code', null, '2025'),
      '. A valid code is letters followed by digits.',
    ),
    failure && h('p', { class: 'banner bad', role: 'alert' }, failure),
    h('div', { 'aria-live': 'polite' }, exchange && h(ExchangeView, { exchange })),
  ];
}

/** Returns the values of the form's fields in a JSON body; other members are lost. */
function valuesIn(json: string, fallback: Values): Values {
  try {
    const body = JSON.parse(json);
    const { user } = Object(Object(body).input ?? body);
    const { referralCode = '', country = '' } = Object(Object(user).metadata);
    const { userId = '', email = '', name = '' } = Object(user);
    const texts = { userId, email, name, referralCode, country };
    return Object.values(texts).every((text) => typeof text === 'string') ? texts : fallback;
  } catch {
    return fallback;
  }
}

function bodyOf(way: Way, { referralCode, country, ...user }: Values): string {
  const metadata = { ...(referralCode && { referralCode }), ...(country && { country }) };
  const signupDate = `${new Date().toISOString().slice(0, 19)}Z`;
  const request = { user: { ...user, signupDate, source: 'web', metadata } };
  return JSON.stringify(way === 'no-code' ? { input: request } : request, undefined, 2);
}
