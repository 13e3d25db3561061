import { byId } from "./dom.js";
import { translate } from "./texts.js";

const asked = new URLSearchParams(location.search);
translate();
byId("next").value = asked.get("next") ?? "/";
byId("wrong").hidden = !asked.has("wrong");
byId("token").focus();
