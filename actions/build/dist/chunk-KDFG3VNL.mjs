import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
var e=process.getBuiltinModule("node:child_process");var o=e.exec,c=e.execFile;var t=e.spawn;export{o as a,c as b,t as c};
