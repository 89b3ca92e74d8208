import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
var t=process.getBuiltinModule("node:fs/promises"),o=t;var e=t.mkdir;var s=t.stat;var n=t.realpath;var r=t.writeFile;var c=t.readFile;export{o as a,e as b,s as c,n as d,r as e,c as f};
