import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
var e=process.getBuiltinModule("node:https"),t=e;var r=e.request;export{t as a,r as b};
