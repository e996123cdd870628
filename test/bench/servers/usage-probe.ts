import { answerQuestions } from '../questions.ts';

// To be imported before a server's own main module: tells what the server has used, without the
// server knowing.
answerQuestions({
  usage() {
    const { user, system } = process.cpuUsage();
    return { cpuMicroseconds: user + system, residentBytes: process.memoryUsage.rss() };
  },
});
// The server alone decides how long its process lives.
process.channel?.unref();
