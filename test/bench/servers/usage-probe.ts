import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { serveCalls } from '../remote-calls.ts';

// Imported before the main module of a server, to report the usage of its process.
serveCalls({
  usage() {
    const { user, system } = process.cpuUsage();
    return { cpuMicroseconds: user + system, residentBytes: process.memoryUsage.rss() };
  },
  heapBytes() {
    setFlagsFromString('--expose-gc');
    runInNewContext('gc')();
    return process.memoryUsage().heapUsed;
  },
});
// The channel must not keep the process of the server alive.
process.channel?.unref();
