import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a as e,m as o,n as t,o as m}from"./chunk-BVWJAWOP.mjs";var r=class extends o(t,m,"DeleteFunction",e){};export{r as a};
