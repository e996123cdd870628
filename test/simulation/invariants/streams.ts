import { z } from 'zod';
import { rankOf } from '../../../src/status-table/rank.ts';
import { executionStatuses, isRunning } from '../../../src/step-functions/execution.ts';
import type { Process } from '../process.ts';
import type { World } from '../world.ts';
import type { Facts } from './facts.ts';

/** The longest silence and the longest stream that the contract allows, in milliseconds. */
const silentFor = 15_000;
const openFor = 15 * 60_000;

const statusData = z.object({
  status: z.enum(executionStatuses),
  executionArn: z.string(),
  output: z.string().optional(),
  error: z.string().optional(),
  cause: z.string().optional(),
});

/** The longest that a stream lasts after its process begins to stop: it may wait for steps. */
const stoppedWithin = 11_000;

interface Open {
  readonly name: string;
  receivedAt: number;
  until: number;
}

/** The event stream that one client receives. */
export interface WatchedStream {
  /** Called with each text that arrives. */
  receive(text: string): void;
  /** Called when the stream ends, with the error that ended its events, if any. */
  end(error: unknown): void;
  /** Called when the client disconnects or the process crashes. */
  leave(): void;
}

/** A stream has true statuses in order, is never silent for long, and ends with the execution. */
export function watchStreams(world: World, { fail, isTrue }: Facts) {
  const { clock } = world;
  const open = new Map<WatchedStream, Open>();

  return {
    /** @param milliseconds the longest that the stream may last */
    open(process: Process, executionArn: string, milliseconds: number): WatchedStream {
      const since = clock.now();
      const name = `${process.name}'s stream of ${executionArn} since ${Math.round(since)} ms`;
      const state: Open = {
        name,
        receivedAt: since,
        until: since + Math.min(milliseconds, openFor),
      };
      process.stopping.addEventListener('abort', () => {
        state.until = Math.min(state.until, clock.now() + stoppedWithin);
      });
      let rank = Number.NEGATIVE_INFINITY;
      let hasEnd = false;

      function receiveStatus(id: string, data: string): void {
        const redriveCount = Number(id.split('-')[1]);
        const execution = { ...statusData.parse(JSON.parse(data)), redriveCount };
        if (!isTrue(execution)) fail(`${name} has ${id}, which was never true`);
        if (rankOf(execution) <= rank) fail(`${name} has ${id} after rank ${rank}`);
        if (hasEnd) fail(`${name} continues after the end`);
        rank = rankOf(execution);
        hasEnd = !isRunning(execution);
      }

      const stream: WatchedStream = {
        receive(text) {
          state.receivedAt = clock.now();
          const [, id, data] = /^event: status\ndata: (.*)\nid: (.*)\n\n$/.exec(text) ?? [];
          if (id && data) receiveStatus(data, id);
        },
        end(error) {
          open.delete(stream);
          const isTimeUp = clock.now() >= state.until - 1000;
          if (hasEnd || isTimeUp || process.stopping.aborted || error !== undefined) return;
          fail(`${name} ends before the execution`);
        },
        leave: () => open.delete(stream),
      };
      open.set(stream, state);
      return stream;
    },

    check(): void {
      for (const { name, receivedAt, until } of open.values()) {
        const now = clock.now();
        if (now - receivedAt > silentFor)
          fail(`${name} is silent since ${Math.round(receivedAt)} ms`);
        if (now > until + 1000) fail(`${name} lasts too long`);
      }
    },
  };
}
