from yaml import load
load(x)
import yaml.loader
yaml.load(x)
