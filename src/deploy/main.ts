import { deployment } from './app.ts';

deployment().app.synth();
