import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { serve } from '../src/main.ts';
import { readSettings } from '../src/settings.ts';
import { environmentFor } from './support/app.ts';
import { listen } from './support/listen.ts';

test('a failed start closes the server, and then exports the remaining spans', async () => {
  const taken = createServer();
  onTestFinished(() => void taken.close());
  const { port } = new URL(await listen(taken));
  const settings = readSettings({ ...environmentFor('http://127.0.0.1:1'), PORT: port });
  const stopped: string[] = [];
  const starting = serve(settings, {
    startTracing: async () => ({
      traceRequests: (app) => void app.addHook('onClose', async () => void stopped.push('server')),
      traceCalls: () => undefined,
      stop: async () => void stopped.push('tracing'),
    }),
  });
  await expect(starting).rejects.toThrow(`Port ${port} is taken. Set PORT to another port.`);
  expect(stopped).toEqual(['server', 'tracing']);
});
