import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
var e=process.getBuiltinModule("node:http"),t=e;var o=e.request;export{t as a,o as b};
