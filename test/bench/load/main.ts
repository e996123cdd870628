import { serveCalls } from '../remote-calls.ts';
import { openConnections, runBurst } from './burst.ts';
import { runClosedLoop } from './closed-loop.ts';
import { runCrowd } from './crowd.ts';
import { runFollowers } from './followers.ts';
import { runHeldCallers } from './held-callers.ts';
import { runPaced } from './paced.ts';

serveCalls({
  connections: openConnections,
  burst: runBurst,
  closedLoop: runClosedLoop,
  paced: runPaced,
  crowd: runCrowd,
  followers: runFollowers,
  heldCallers: runHeldCallers,
});
