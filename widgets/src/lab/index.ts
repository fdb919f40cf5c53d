import { graphPanel } from './graphpanel';
import { lessons } from './lessons/plugin';
import { mime } from './mime/plugin';

export default [graphPanel, lessons, mime];
