import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
var s=e=>e.slice(e.indexOf("/")+1);export{s as a};
