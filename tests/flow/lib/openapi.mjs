// openapi.mjs: web/openapi.yaml as a judge of requests and answers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { root } from './stack.mjs';

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'options', 'head'];
const escape = (part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1');

export class Api {
    constructor(file = join(root, 'web/openapi.yaml')) {
        this.doc = parse(readFileSync(file, 'utf8'), { strict: true, uniqueKeys: true });
        this.ajv = new Ajv({ strict: false, allErrors: true, formats: { int64: true, int32: true, uri: true, date: true, 'date-time': true } });
        this.ajv.addSchema(this.doc, 'api');
        this.operations = [];
        for (const [path, item] of Object.entries(this.doc.paths)) {
            for (const method of METHODS) {
                if (item[method]) this.operations.push({ method, path, spec: item[method], where: `#/paths/${escape(path)}/${method}` });
            }
        }
    }

    /** What a $ref stands for, with where it is; anything else as it is. */
    resolve(value, where) {
        while (value?.$ref) {
            where = value.$ref;
            value = where.slice(2).split('/').reduce((at, part) => at?.[part.replaceAll('~1', '/').replaceAll('~0', '~')], this.doc);
            if (value === undefined) throw new Error(`${where} leads nowhere`);
        }
        return { value, where };
    }

    /** Does the path belong to the template? A path of the document wins over `/{file}`. */
    fits(template, path) {
        const matches = (t) => new RegExp(`^${t.replace(/[.]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')}$`).test(path);
        return matches(template) && !Object.keys(this.doc.paths).some((p) => matches(p));
    }

    /** The operation a request belongs to; literal paths win over templates. */
    find(method, path) {
        const plain = path.split('?')[0];
        const fits = this.operations.filter((o) => o.method === method.toLowerCase() &&
            new RegExp(`^${o.path.replace(/[.]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')}$`).test(plain));
        return fits.sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0];
    }

    schemaErrors(where, value) {
        const check = this.ajv.compile({ $ref: `api${where}` });
        return check(value) ? [] : check.errors.map((e) => `${e.instancePath || '/'} ${e.message} ${JSON.stringify(e.params)}`);
    }

    /** Complaints about one exchange; none when the document describes it. */
    complaints({ method, path, body, reply }) {
        const found = this.find(method, path);
        if (!found) return [`${method} ${path} is not described`];
        const name = `${method} ${found.path}`;
        const all = [];
        if (body !== undefined && reply.status < 300 && found.spec.requestBody) {
            const { value, where } = this.resolve(found.spec.requestBody, `${found.where}/requestBody`);
            if (value.content?.['application/json']) {
                all.push(...this.schemaErrors(`${where}/content/application~1json/schema`, body).map((e) => `${name} request: ${e}`));
            }
        }
        const key = [String(reply.status), `${String(reply.status)[0]}XX`, 'default'].find((k) => found.spec.responses[k]);
        if (!key) return [...all, `${name}: status ${reply.status} is not described`];
        const { value, where } = this.resolve(found.spec.responses[key], `${found.where}/responses/${key}`);
        const type = reply.headers['content-type']?.split(';')[0];
        if (reply.bytes.length === 0) {
            if (value.content && method !== 'HEAD') all.push(`${name} ${key}: an empty body where one is described`);
        } else if (!value.content?.[type]) {
            all.push(`${name} ${key}: content type ${type} is not described`);
        } else if (reply.body !== undefined && value.content[type].schema) {
            all.push(...this.schemaErrors(`${where}/content/${escape(type)}/schema`, reply.body).map((e) => `${name} ${key}: ${e}`));
        }
        return all;
    }
}
