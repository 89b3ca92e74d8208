import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{d as e,m as i,n as o,o as r}from"./chunk-SAROOOUN.mjs";var m=class extends i(o,r,"DescribeTaskDefinition",e){};export{m as a};
