// What nobody needs for reading and for keeping answers, as one second file: later.js fetches it.

import { hold } from "./ballast.js";
import { locate } from "./camera.js";
import * as closing from "./closing.js";
import { explain } from "./explain.js";
import * as guide from "./guide.js";
import * as marks from "./marks.js";
import { Outbox } from "./outbox.js";
import * as photos from "./photos.js";
import { script } from "./parts.js";
import * as phrases from "./phrases.js";
import { connect } from "./sending.js";
import * as store from "./store.js";
import { watch } from "./watch.js";

connect(Outbox, store);
hold();
watch();
marks.begin();

export { closing, explain, guide, locate, marks, photos, phrases, script };
