import type { HistoryEventType } from '@aws-sdk/client-sfn';
import type { StepStatus } from '../../step-functions/step.ts';

// The types of the JSON that the console's server sends to its page. Dates are ISO 8601 strings.

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** An entry in the list of executions. */
export interface ExecutionSummary {
  readonly arn: string;
  readonly name: string;
  readonly stateMachine: string;
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly status: ExecutionStatus;
  /** The `user.userId` of the input, if there is one. */
  readonly userId: string | undefined;
  /** Who started the execution, such as `AWS CLI` or `POST /new-user`. */
  readonly origin: string;
  /** The last entered state while the execution runs; then the error, or the reason of a stop. */
  readonly note: string | undefined;
  readonly startDate: string;
  readonly stopDate: string | undefined;
}

/** The part of an execution that never changes. */
export interface ExecutionConstants {
  readonly stateMachineArn: string;
  /** JSON text. */
  readonly input: string;
  /** The Amazon States Language with which the state machine was created. */
  readonly definition: string;
  readonly graph: Graph;
}

export interface ExecutionProgress extends ExecutionSummary {
  /** JSON text. */
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** The number of events so far. */
  readonly events: number;
  /** The part of its history that was left out to save memory. */
  readonly omitted: 'data' | 'events' | undefined;
}

/** What the page does not know yet of an execution. */
export interface ExecutionUpdate extends ExecutionProgress {
  /** Undefined if the page knows events already. */
  readonly constants?: ExecutionConstants | undefined;
  /** The steps that have changed, in the order entered. */
  readonly steps: StepRows;
  /** The new lines. */
  readonly log: readonly LogLineView[];
}

/** One visit of a state. Times are epoch milliseconds. */
export interface StepView {
  /** The id of the event that entered the state. */
  readonly id: number;
  /** The id of the last of its own events so far. */
  readonly lastEventId: number;
  readonly name: string;
  readonly type: string;
  readonly status: StepStatus;
  readonly entered: number;
  readonly exited?: number | undefined;
  readonly attempts: number;
  /** The error name of the latest failed attempt. */
  readonly error?: string | undefined;
  /** The id of the step of the Parallel or Map around this one. */
  readonly within?: number | undefined;
  readonly iteration?: number | undefined;
  /** The id of the step before this one in the same workflow, perhaps through its Catch. */
  readonly before?: number | undefined;
  /** Undefined if no attempt has failed. */
  readonly pastAttempts?: readonly PastAttempt[] | undefined;
}

/** An attempt that failed, or the wait for the next one. It begins where the one before it ends. */
export interface PastAttempt {
  /** Epoch milliseconds. */
  readonly until: number;
  readonly isWait: boolean;
}

/** Steps in few bytes: a history of 25,000 events has thousands, most of them alike. */
export interface StepRows {
  /** Epoch milliseconds. The times of the rows count from here. */
  readonly start: number;
  readonly kinds: readonly StepKind[];
  readonly rows: readonly StepRow[];
}

/** What many steps have in common. */
export type StepKind = Pick<StepView, 'name' | 'type' | 'status' | 'attempts' | 'error' | 'within'>;

export type StepRow = readonly [
  kind: number,
  id: number,
  /** The last event id, counted from `id`. */
  last: number,
  entered: number,
  /** In milliseconds; null until the step has ended. */
  took: number | null,
  before: number | null,
  /** Left out if it is empty. */
  more?: Pick<StepView, 'iteration' | 'pastAttempts'>,
];

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A state, drawn as a box. Its position is that of the top left corner within its graph. */
export interface GraphNode extends Point {
  readonly name: string;
  readonly type: string;
  /** The resource of a Task, such as `dynamodb:putItem`. */
  readonly resource: string | undefined;
  readonly width: number;
  readonly height: number;
  /** The branches of a Parallel, or the item processor of a Map. */
  readonly inner: readonly PlacedGraph[];
}

export interface GraphEdge {
  /** The name of a state; undefined means the start. */
  readonly from: string | undefined;
  /** The name of a state; undefined means the end. */
  readonly to: string | undefined;
  readonly kind: 'next' | 'catch';
  readonly label: string | undefined;
  readonly points: readonly Point[];
  /** The middle of the label. */
  readonly labelAt: Point;
}

export interface Graph {
  readonly width: number;
  readonly height: number;
  readonly start: Point;
  readonly end: Point | undefined;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export interface PlacedGraph extends Point {
  readonly graph: Graph;
}

/** A history event. The details of its type are further members. */
export interface EventView {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: HistoryEventType;
  readonly timestamp: string;
  readonly [details: string]: unknown;
}

/** An event in the table of events. */
export interface EventRow {
  readonly id: number;
  readonly type: string;
  readonly timestamp: string;
  /** The name of its state, or an empty string. */
  readonly state: string;
  readonly error: string;
}

/** A page of the table of events, newest first. */
export interface EventPage {
  /** The number of all events so far. */
  readonly events: number;
  /** From 0. */
  readonly page: number;
  readonly pages: number;
  readonly rows: readonly EventRow[];
}

/** A line that the function behind a Task printed. */
export interface LogLineView {
  /** The id of the Task's step. */
  readonly stepId?: number | undefined;
  readonly date: string;
  readonly text: string;
}

/** A field of the form: a member of the request that is not an object. */
export interface RequestField {
  /** The names that lead to it, such as `['user', 'email']`. */
  readonly path: readonly string[];
  readonly isOptional: boolean;
  readonly description: string | undefined;
  readonly example: unknown;
}

/** A request to the service or API Gateway, and the response. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly milliseconds: number;
}

/** The items of a table or the messages of a queue, newest first. */
export interface Collection {
  readonly name: string;
  readonly items: readonly Readonly<Record<string, unknown>>[];
  /** Whether there are more items than these. */
  readonly isTruncated: boolean;
}
