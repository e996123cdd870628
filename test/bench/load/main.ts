import { answerQuestions } from '../questions.ts';
import { runClosedLoop } from './closed-loop.ts';
import { runCrowd } from './crowd.ts';
import { runPaced } from './paced.ts';
import { runWaiters } from './waiters.ts';

answerQuestions({
  closedLoop: runClosedLoop,
  paced: runPaced,
  crowd: runCrowd,
  waiters: runWaiters,
});
