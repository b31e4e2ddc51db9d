// Holds what src/plugin.ts exports against what the slot asks for. It does not become part of the component.
import type { {{interface}}Plugin } from "ai-worker:plugin/{{slot}}-plugin";
import * as plugin from "./src/plugin.ts";

plugin satisfies {{interface}}Plugin;
