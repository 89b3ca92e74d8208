import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a as e,l as o,m as t,n as m}from"./chunk-KPCYJULF.mjs";var r=class extends o(t,m,"DeleteFunction",e){};export{r as a};
