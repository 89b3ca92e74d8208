import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
var t=process.getBuiltinModule("node:os"),e=t;var o=t.homedir;var r=t.platform,s=t.release;var n=t.EOL;export{e as a,o as b,r as c,s as d,n as e};
