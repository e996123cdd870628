import { executionArnOf, standardArn } from '../support/step-functions-stub/executions.ts';

/** The event that EventBridge delivers when an execution starts, with changes of its detail. */
export function statusChangeEvent(name: string, detail: Readonly<Record<string, unknown>> = {}) {
  const executionArn = executionArnOf(name);
  return {
    version: '0',
    id: '315c1398-40ff-a850-213b-158f73e60175',
    'detail-type': 'Step Functions Execution Status Change',
    source: 'aws.states',
    account: '123456789012',
    time: '2026-01-02T03:04:05Z',
    region: 'us-east-1',
    resources: [executionArn],
    detail: {
      executionArn,
      stateMachineArn: standardArn,
      name,
      status: 'RUNNING',
      startDate: Date.parse('2026-01-02T03:04:05.678Z'),
      stopDate: null,
      input: JSON.stringify({ user: { userId: 'user-88888' } }),
      output: null,
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      redriveCount: 0,
      redriveDate: null,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is RUNNING and cannot be redriven',
      inputDetails: { included: true },
      outputDetails: null,
      error: null,
      cause: null,
      ...detail,
    },
  };
}
