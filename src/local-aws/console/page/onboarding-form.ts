import { h, type TargetedEvent } from 'preact';
import { useState } from 'preact/hooks';
import type { Way } from '../exchange.ts';
import type { Exchange } from '../view.ts';
import { postJson } from './api.ts';
import { Button } from './button.ts';
import { ExchangeView } from './exchange-view.ts';
import {
  bodyOf,
  exampleTexts,
  filledIn,
  type JsonObject,
  labelOf,
  nameOf,
  requestIn,
  textsOf,
} from './form-values.ts';
import { Panel } from './panel.ts';
import type { Service } from './service.ts';
import { useSubmit } from './use-submit.ts';

const ways: readonly (readonly [Way, string, string])[] = [
  ['sync', 'Synchronous', 'Runs the Express workflow and responds with its result.'],
  ['async', 'Asynchronous', 'Starts the Standard workflow and responds at once.'],
  ['no-code', 'No code', 'API Gateway starts the Standard workflow without the service.'],
];

/** A form with an example and the three ways to send it. Shows the request and the response. */
export function OnboardingForm({ service: { ways: routes, fields } }: { service: Service }) {
  const [way, setWay] = useState<Way>('sync');
  const [texts, setTexts] = useState(() => exampleTexts(fields));
  /** What the fields are filled into: members that only the JSON has stay in it. */
  const [base, setBase] = useState<JsonObject>({});
  const [key, setKey] = useState('');
  const [json, setJson] = useState<string>();
  const [exchange, setExchange] = useState<Exchange>();

  const { submit, isSubmitting, failure, setFailure } = useSubmit(async () => {
    const body = json ?? bodyOf(way, filledIn(base, fields, texts));
    const idempotencyKey = way === 'no-code' || key === '' ? undefined : key;
    setExchange(await postJson<Exchange>('/api/onboardings', { way, body, idempotencyKey }));
  });

  function chooseWay(chosen: Way): void {
    setWay(chosen);
    const request = json && requestIn(json);
    if (request) setJson(bodyOf(chosen, request));
  }

  function toggleEditor(): void {
    if (json === undefined) {
      setJson(bodyOf(way, filledIn(base, fields, texts)));
      return;
    }
    const request = requestIn(json);
    if (request === undefined) {
      setFailure('The text is not a JSON object. Correct it to go back to the form.');
      return;
    }
    setFailure('');
    setBase(request);
    setTexts(textsOf(fields, request));
    setJson(undefined);
  }

  return h(
    Panel,
    { label: 'New onboarding', aside: `POST ${routes[way]}` },
    h(
      'form',
      { onSubmit: submit },
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
              onChange: () => chooseWay(value),
            }),
            label,
          ),
        ),
      ),
      h('p', { class: 'hint' }, ways.find(([value]) => value === way)?.[2]),
      json === undefined
        ? fields.map((field) => {
            const name = nameOf(field);
            return h(
              'label',
              { class: 'field', title: field.description },
              h('span', null, labelOf(field)),
              h('input', {
                name,
                value: texts[name],
                placeholder: field.isOptional ? 'none' : undefined,
                onInput: (event) => setTexts({ ...texts, [name]: event.currentTarget.value }),
              }),
            );
          })
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
        h(
          Button,
          { class: 'primary', isDisabled: isSubmitting },
          isSubmitting ? 'Waiting…' : 'Onboard',
        ),
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
  );
}
