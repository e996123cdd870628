import { z } from 'zod';
import { rankOf } from '../../../src/status-table/rank.ts';
import { executionStatuses, isRunning } from '../../../src/step-functions/execution.ts';
import type { Process } from '../process.ts';
import type { World } from '../world.ts';
import type { Facts } from './facts.ts';

/** The longest silence and the longest stream, by the contract. */
const silentFor = 15_000;
const openFor = 15 * 60_000;

const statusData = z.object({
  status: z.enum(executionStatuses),
  executionArn: z.string(),
  output: z.string().optional(),
  error: z.string().optional(),
  cause: z.string().optional(),
});

/** What a client received of an event stream. */
export interface WatchedStream {
  /** A text arrives. */
  receive(text: string): void;
  /** It ends; `error` is what kept its events from going on. */
  end(error: unknown): void;
  /** The client leaves, or the process crashes. */
  leave(): void;
}

/** A stream shows what is true, in order, is never silent for long, and ends with the end. */
export function watchStreams(world: World, { fail, isTrue }: Facts) {
  const { clock } = world;
  const open = new Map<WatchedStream, { name: string; heardAt: number; until: number }>();

  return {
    /** @param milliseconds the longest that it may last */
    open(process: Process, executionArn: string, milliseconds: number): WatchedStream {
      const since = clock.now();
      const name = `${process.name}'s stream of ${executionArn} since ${Math.round(since)} ms`;
      const state = { name, heardAt: since, until: since + Math.min(milliseconds, openFor) };
      let rank = Number.NEGATIVE_INFINITY;
      let hasEnd = false;

      function receiveStatus(id: string, data: string): void {
        const redriveCount = Number(id.split('-')[1]);
        const execution = { ...statusData.parse(JSON.parse(data)), redriveCount };
        if (!isTrue(execution)) fail(`${name} says ${id}, which it never was`);
        if (rankOf(execution) <= rank) fail(`${name} says ${id} after ${rank}`);
        if (hasEnd) fail(`${name} goes on after the end`);
        rank = rankOf(execution);
        hasEnd = !isRunning(execution);
      }

      const stream: WatchedStream = {
        receive(text) {
          state.heardAt = clock.now();
          const [, id, data] = /^event: status\ndata: (.*)\nid: (.*)\n\n$/.exec(text) ?? [];
          if (id && data) receiveStatus(data, id);
        },
        end(error) {
          open.delete(stream);
          const isTimeUp = clock.now() >= state.until - 1000;
          if (hasEnd || isTimeUp || process.stopping.aborted || error !== undefined) return;
          fail(`${name} ends before the end`);
        },
        leave: () => open.delete(stream),
      };
      open.set(stream, state);
      return stream;
    },

    check(): void {
      for (const { name, heardAt, until } of open.values()) {
        const now = clock.now();
        if (now - heardAt > silentFor) fail(`${name} is silent since ${Math.round(heardAt)} ms`);
        if (now > until + 1000) fail(`${name} lasts too long`);
      }
    },
  };
}
