import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{d as e,q as r,r as m,s as o}from"./chunk-HYG2S3ZU.mjs";var s=class extends r(m,o,"DescribeServices",e){};export{s as a};
