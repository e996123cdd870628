import { BudgetExhausted } from '../../src/call-budget/errors.ts';
import type { Status } from '../../src/execution-statuses/status.ts';
import { rankOf } from '../../src/status-table/rank.ts';
import { isRunning } from '../../src/step-functions/execution.ts';
import { executionArnOf } from '../support/step-functions-stub/executions.ts';
import { madeUpWithin, type Waiter, watchInvariants } from './invariants.ts';
import { createWorld, type Process } from './world.ts';

const checkedEvery = 250;
const startsWithin = 60_000;
/** Whoever still follows an execution then has been let down. */
const callersWithin = 600_000;

/** Plays one seed. Returns what went against the invariants, and how much happened. */
export async function simulate(seed: number) {
  const world = createWorld(seed, (...call) => invariants.checkDescribe(...call));
  const { choices, clock, weather, stepFunctions, processes, failures } = world;
  const invariants = watchInvariants(world);
  const counts = { statuses: 0, errors: 0, followers: 0, crashes: 0, tasks: 0 };
  /** Executions that will not change any more. */
  const settled = new Set<string>();
  /** The simulation lasts as long as any of these. */
  const busy = new Set<string>();

  function run(name: string, task: () => Promise<void>): void {
    counts.tasks += 1;
    const label = `${name} (${counts.tasks})`;
    busy.add(label);
    task()
      .catch((error: unknown) => invariants.fail(`${label} fails: ${error}`))
      .finally(() => busy.delete(label));
  }

  async function someProcess(): Promise<Process> {
    for (;;) {
      const process = choices.pick(processes);
      if (process !== undefined) return process;
      await clock.sleep(200);
    }
  }

  /** One request, to any process. Returns what it saw last, if anything. */
  async function request(
    executionArn: string,
    caller: string,
    leaving: AbortSignal,
  ): Promise<Partial<Status>> {
    const process = await someProcess();
    const { statuses, crashed } = process;
    const signal = AbortSignal.any([leaving, crashed]);
    const end = invariants.begin(process, executionArn);
    signal.addEventListener('abort', () => {
      clock.schedule(100, () => {
        if (!waiter.isOver) invariants.fail(`${process.name} does not let go of who has left`);
      });
    });
    const waiter: Waiter = { process, executionArn, since: clock.now(), isOver: false };
    const see = (status: Status): Status => {
      counts.statuses += 1;
      invariants.checkStatus(process, status);
      return status;
    };
    try {
      if (choices.chance(0.4)) return see(await statuses.get(executionArn, signal, caller));
      invariants.waiters.add(waiter);
      if (choices.chance(0.7)) {
        const milliseconds = 1000 * choices.whole(0, 60);
        return see(await statuses.wait(executionArn, milliseconds, signal, caller));
      }
      let last: Partial<Status> = {};
      for await (const status of statuses.watch(executionArn, signal, caller)) last = see(status);
      return last;
    } catch (error) {
      counts.errors += 1;
      if (!signal.aborted) invariants.checkError(process, executionArn, error);
      const retryAfterSeconds = error instanceof BudgetExhausted ? error.retryAfterSeconds : 1;
      return { retryAfterSeconds };
    } finally {
      end();
      waiter.isOver = true;
    }
  }

  /** Asks again and again until the end, or leaves before. */
  async function follow(executionArn: string, caller: string): Promise<void> {
    counts.followers += 1;
    const leaving = new AbortController();
    if (choices.chance(0.15)) {
      clock.schedule(choices.whole(0, 40_000), () => leaving.abort(new Error('left')));
    }
    // An operator who has redriven it goes on looking, others stop at any end.
    const isOperator = choices.chance(0.3);
    while (!leaving.signal.aborted) {
      const { execution, retryAfterSeconds = 1 } = await request(
        executionArn,
        caller,
        leaving.signal,
      );
      if (execution && !isRunning(execution)) {
        const last = stepFunctions.states.get(executionArn)?.at(-1)?.execution;
        const isLast = settled.has(executionArn) && last && rankOf(execution) === rankOf(last);
        if (isLast || !isOperator) return;
      }
      // Some come back when they please, to a process that may have been idle meanwhile.
      const longer = choices.chance(0.2) ? choices.whole(5000, 60_000) : 0;
      await clock.sleep(retryAfterSeconds * 1000 + longer);
    }
  }

  /** From its start to its last end. */
  async function live(index: number): Promise<void> {
    await clock.sleep(choices.whole(0, startsWithin));
    const name = `execution-${index}`;
    const starter = await someProcess();
    const noteStarted = starter.statuses.noteStart();
    const started = stepFunctions.start(name);
    const { executionArn } = started;
    const isOurs = choices.chance(0.6);
    for (let followers = choices.whole(0, 3); followers > 0; followers -= 1) {
      const caller = choices.pick(['backend', 'app', executionArn]) ?? '';
      const delay = choices.chance(0.8) ? choices.whole(20, 3000) : choices.whole(3000, 40_000);
      run(`who follows ${name}`, () => clock.sleep(delay).then(() => follow(executionArn, caller)));
    }
    // A start that is repeated gets its response late, of an execution that may have ended.
    const noteAfter = choices.chance(0.3) ? choices.whole(500, 15_000) : choices.whole(10, 100);
    clock.schedule(noteAfter, () => {
      if (isOurs && !starter.crashed.aborted) noteStarted(started);
    });
    await clock.sleep(choices.chance(0.5) ? choices.whole(0, 5000) : choices.whole(0, 90_000));
    for (let redrives = 0; redrives < 2 && choices.chance(0.25); redrives += 1) {
      stepFunctions.end(executionArn, 'FAILED');
      await clock.sleep(choices.whole(200, 150_000));
      stepFunctions.redrive(executionArn);
      await clock.sleep(choices.whole(100, 20_000));
    }
    settled.add(executionArn);
    const end = choices.pick(['SUCCEEDED', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const);
    stepFunctions.end(executionArn, end ?? 'SUCCEEDED');
  }

  async function crashNowAndThen(): Promise<void> {
    while (clock.now() < 2 * startsWithin) {
      await clock.sleep(choices.whole(5000, 60_000));
      if (!choices.chance(0.3)) continue;
      counts.crashes += 1;
      const process = await someProcess();
      process.crash();
      await clock.sleep(choices.whole(100, 5000));
      const timers = process.pending();
      if (timers > 0) invariants.fail(`${process.name} has ${timers} timers after its crash`);
      world.startProcess();
    }
  }

  async function useUpQuota(): Promise<void> {
    while (weather.hasOthers && clock.now() < 2 * startsWithin) {
      stepFunctions.useUp(choices.whole(0, 250));
      await clock.sleep(20_000);
    }
  }

  async function makeArnsUp(): Promise<void> {
    while (weather.hasStrangers && clock.now() < startsWithin) {
      const process = await someProcess();
      const executionArn = executionArnOf(`nowhere-${choices.whole(1, 1e9)}`);
      const end = invariants.begin(process, executionArn);
      process.statuses
        .get(executionArn, process.crashed, 'stranger')
        .then(
          () => invariants.fail('what does not exist has a status'),
          () => undefined,
        )
        .finally(end);
      await clock.sleep(choices.whole(10, 200));
    }
  }

  async function replayKeys(): Promise<void> {
    for (let left = choices.whole(0, 20); left > 0; left -= 1) {
      await clock.sleep(choices.whole(0, 5000));
      const { replay } = await someProcess();
      replay(executionArnOf(`execution-${choices.whole(0, 10)}`), 'backend').catch(() => undefined);
    }
  }

  const most = choices.chance(0.3) ? 3 : 25;
  for (let index = choices.whole(1, most); index > 0; index -= 1)
    run('an execution', () => live(index));
  for (const task of [crashNowAndThen, useUpQuota, makeArnsUp, replayKeys]) run(task.name, task);
  while (busy.size > 0 && clock.now() < callersWithin && failures.length === 0) {
    await clock.advance(checkedEvery);
    invariants.check();
  }
  if (failures.length === 0) for (const label of busy) invariants.fail(`${label} is never done`);
  // All that is left to do is for the functions; the processes come to rest.
  await clock.advance(madeUpWithin + 120_000);
  invariants.checkTable();
  for (const { name, statuses, pending } of processes) {
    const { held } = statuses.statistics();
    if (held > 0) invariants.fail(`${name} holds ${held} callers whom nobody knows of`);
    if (pending() > 0) invariants.fail(`${name} has ${pending()} timers, and nothing to do`);
  }
  return { failures, counts, weather };
}
