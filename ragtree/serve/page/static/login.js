import { byId } from "./dom.js";
import { translate } from "./texts.js";

translate();
byId("wrong").hidden = !new URLSearchParams(location.search).has("wrong");
byId("token").focus();
