import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{o as e,q as r,r as m,s as o}from"./chunk-HYG2S3ZU.mjs";var p=class extends r(m,o,"UpdateService",e){};export{p as a};
