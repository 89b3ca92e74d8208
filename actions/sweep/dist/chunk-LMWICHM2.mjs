import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{e,q as i,r as o,s as r}from"./chunk-HYG2S3ZU.mjs";var m=class extends i(o,r,"DescribeTaskDefinition",e){};export{m as a};
