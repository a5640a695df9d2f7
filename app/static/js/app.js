// Everything the pages do in the browser; each module binds itself to data-* attributes.
import "./theme.js";
import "./dialog.js";
import "./copy.js";
import "./local-time.js";
import "./shortcuts.js";
import "./changed.js";
import "./hold.js";
import "./live.js";
import "./charts.js";
