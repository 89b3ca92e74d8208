import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
var t=process.getBuiltinModule("node:fs");var o=t.appendFileSync;var e=t.existsSync;var n=t.fstatSync;var c=t.lstatSync;var r=t.readFileSync;var s=t.ReadStream;var p=t.constants,x=t.promises;export{o as a,e as b,n as c,c as d,r as e,s as f,p as g,x as h};
