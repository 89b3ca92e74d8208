import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
var n=["existing","own"],o=["arm64","x86_64"],s=["standard","shoestring"];var i=(t,r)=>`${t}/${r}`;var a=(t,r,e)=>`/${t}/${r}/services/${e}`;var g="bootstrap";export{n as a,o as b,s as c,i as d,a as e,g as f};
