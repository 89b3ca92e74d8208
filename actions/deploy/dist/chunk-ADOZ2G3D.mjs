import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
var e=process.getBuiltinModule("node:crypto");var t=e.createHash,r=e.createHmac;var o=e.randomUUID;var c=e.hash;var n=e.getRandomValues;export{t as a,r as b,o as c,c as d,n as e};
