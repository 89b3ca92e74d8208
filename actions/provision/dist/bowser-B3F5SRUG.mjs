import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import"./chunk-5UKVBEDZ.mjs";var e={};export{e as default};
