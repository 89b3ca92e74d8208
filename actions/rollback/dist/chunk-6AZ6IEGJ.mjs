import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
var e=process.getBuiltinModule("node:path");var o=e.join;var t=e.sep;export{o as a,t as b};
