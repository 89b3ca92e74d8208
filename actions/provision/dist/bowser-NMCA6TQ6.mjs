import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import"./chunk-I7KW5UFB.mjs";var e={};export{e as default};
