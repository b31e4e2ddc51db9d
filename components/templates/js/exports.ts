// Holds what plugin.js exports against what the slot asks for. It does not become part of the component.
import type { {{interface}}Plugin } from "ai-worker:plugin/{{slot}}-plugin";
import * as plugin from "./plugin.js";

plugin satisfies {{interface}}Plugin;
