import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
var t=process.getBuiltinModule("node:child_process");var o=t.exec,r=t.execFile;var s=t.spawn;var e=process.getBuiltinModule("node:util");var c=e.promisify;export{o as a,r as b,s as c,c as d};
