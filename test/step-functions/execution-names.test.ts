import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  idempotentExecutionName,
  uniqueExecutionName,
} from '../../src/step-functions/execution-names.ts';

const fitForCloudWatch = /^[0-9A-Za-z_-]{1,80}$/;
const anyText = fc.string({ unit: 'binary', maxLength: 256 });

describe('the name of an execution without a key', () => {
  test.each([
    ['user-88888', 'user-onboarding-user-88888-'],
    ['Jane Doe', 'user-onboarding-Jane_Doe-'],
    ['a/b:c"d', 'user-onboarding-a_b_c_d-'],
    ['Zoë 🎉', 'user-onboarding-Zo___-'],
    ['x'.repeat(128), `user-onboarding-${'x'.repeat(27)}-`],
  ])('for userId %j is %s followed by a UUID', (userId, start) => {
    const uuid = randomUUID();
    expect(uniqueExecutionName(userId, uuid)).toBe(`${start}${uuid}`);
  });

  test('is fit for CloudWatch and ends in its UUID, for any userId', () => {
    fc.assert(
      fc.property(anyText, fc.uuid(), (userId, uuid) => {
        const name = uniqueExecutionName(userId, uuid);
        expect(name).toMatch(fitForCloudWatch);
        expect(name.endsWith(`-${uuid}`)).toBe(true);
      }),
    );
  });

  test('is different every time', () => {
    expect(uniqueExecutionName('user-1')).not.toBe(uniqueExecutionName('user-1'));
  });
});

describe('the name of an idempotency key', () => {
  test('is always the same', () => {
    expect(idempotentExecutionName('signup-88888', undefined)).toBe(
      'user-onboarding-key-n_cWxW42obDSMl_TDLu-PRBq4efOtlp_dve_MFQAzJc',
    );
  });

  test('is fit for CloudWatch, and different for another key or caller', () => {
    fc.assert(
      fc.property(
        anyText,
        anyText,
        fc.option(anyText, { nil: undefined }),
        (key, other, caller) => {
          const name = idempotentExecutionName(key, caller);
          expect(name).toMatch(fitForCloudWatch);
          fc.pre(key !== other);
          expect(name).not.toBe(idempotentExecutionName(other, caller));
          if (caller !== undefined) expect(name).not.toBe(idempotentExecutionName(key, undefined));
        },
      ),
    );
  });

  test('separates key and caller', () => {
    expect(idempotentExecutionName('ab', 'c')).not.toBe(idempotentExecutionName('a', 'bc'));
  });
});
