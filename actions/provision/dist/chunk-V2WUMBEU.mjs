import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
var e=process.getBuiltinModule("node:http"),t=e;export{t as a};
