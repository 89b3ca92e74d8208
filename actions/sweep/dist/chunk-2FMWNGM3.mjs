import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{b as e,g as r,h as m,i as t}from"./chunk-OCBGSJWG.mjs";var o=class extends r(m,t,"GetParameter",e){};export{o as a};
