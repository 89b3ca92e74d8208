import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{d as e,g as r,h as t,i as m}from"./chunk-OCBGSJWG.mjs";var o=class extends r(t,m,"GetParametersByPath",e){};export{o as a};
