import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{f as e,h as r,i as t,j as m}from"./chunk-4JJP374O.mjs";var o=class extends r(t,m,"DescribeTargetHealth",e){};export{o as a};
