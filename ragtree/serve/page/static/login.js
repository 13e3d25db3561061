import { byId } from "./dom.js";
import { translate } from "./texts.js";

const place = new URLSearchParams(location.search).get("next");
translate();
if (place) byId("next").value = place;
const entry = performance.getEntriesByType("navigation")[0];
byId("wrong").hidden = !(entry && entry.responseStatus === 401);
