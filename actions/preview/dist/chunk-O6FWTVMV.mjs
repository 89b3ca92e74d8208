import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{b as e,q as r,r as i,s as o}from"./chunk-RMLYZBZQ.mjs";var t=class extends r(i,o,"DeregisterTaskDefinition",e){};export{t as a};
